//! The commands.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use livery::app;
use livery::config::Config;
use livery::error::Error;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The whitelabel platform on which agencies sell AI chat agents, and people take conversations over, live.
#[derive(Parser)]
#[command(name = "livery", version)]
struct Arguments {
    /// Configuration file; every key can be set in the environment as well.
    #[arg(long, global = true, env = "LIVERY_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve everything.
    Serve {
        /// With demo data, on this machine alone.
        #[arg(long)]
        demo: bool,
    },
    /// Bring the database's schema up to date, and stop.
    Migrate,
    /// Print a schema in the definition language.
    Schema {
        /// Which one.
        which: Which,
    },
    /// Look whether configuration and database are in order, and say what is not.
    Doctor,
    /// Run the platform.
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    /// Of staff and client users.
    Desk,
    /// Of visitors.
    Widget,
}

#[derive(Subcommand)]
enum Admin {
    /// Create an agency. Prints the link by which its owner comes: good for seven days, and once.
    CreateAgency {
        /// Its name.
        #[arg(long)]
        name: String,
        /// Name of its owner.
        #[arg(long)]
        owner_name: String,
        /// Address of its owner.
        #[arg(long)]
        owner_email: String,
        /// A host that carries its brand.
        #[arg(long)]
        host: Option<String>,
    },
    /// List all agencies: id, state, organizations, when created, name.
    ListAgencies,
    /// Suspend an agency: nobody signs in, its widgets are not available, its hosts show nothing of it.
    SuspendAgency {
        /// Its id.
        id: String,
        /// Why; stands in its audit log.
        #[arg(long)]
        reason: String,
    },
    /// Put a suspended agency back to work.
    ResumeAgency {
        /// Its id.
        id: String,
    },
    /// Hand an agency over to a new owner. The owners of today stay until the new one has come, and are admins then. Prints
    /// the link by which the new one comes: good for seven days, and once.
    HandOverAgency {
        /// Its id.
        id: String,
        /// Address of the new owner.
        #[arg(long)]
        email: String,
        /// Name of the new owner.
        #[arg(long)]
        name: String,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("LIVERY_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.init();
    } else {
        log.json().init();
    }
    if let Command::Schema { which } = arguments.command {
        let sdl = match which {
            Which::Desk => app::desk_sdl(),
            Which::Widget => app::widget_sdl(),
        };
        print!("{sdl}");
        return ExitCode::SUCCESS;
    }
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    let environment = std::env::vars();
    let config = match Config::load(arguments.config.as_deref(), environment) {
        Ok(config) => config,
        Err(error) => return failed(&error.to_string()),
    };
    for key in &config.unused {
        tracing::warn!("LIVERY_{key} is set; this release does not use it yet");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.to_string()),
    };
    let done = runtime.block_on(async {
        match arguments.command {
            Command::Serve { demo } => serve(&config, demo).await,
            Command::Migrate => {
                let services = app::services(&config, app::system_clock(), app::system_ids()).await?;
                services.store.close().await;
                println!("The schema is up to date.");
                Ok(())
            }
            Command::Doctor => doctor(&config).await,
            Command::Admin(command) => {
                let services = app::services(&config, app::system_clock(), app::system_ids()).await?;
                let done = admin(&services, command).await;
                services.store.close().await;
                done
            }
            Command::Schema { .. } => Ok(()),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.cause.as_ref().map(ToString::to_string);
            failed(&cause.unwrap_or(error.message))
        }
    }
}

fn failed(problem: &str) -> ExitCode {
    eprintln!("livery: {problem}");
    ExitCode::FAILURE
}

async fn serve(config: &Config, demo: bool) -> Result<(), Error> {
    let running = app::start(config, demo).await?;
    println!("ready: {}", config.public_url);
    if demo {
        println!();
        println!("  dashboard      {}/", config.public_url);
        println!("  a client site  {}/demo", config.public_url);
        println!("  the API        {}/graphiql", config.public_url);
        println!();
        println!("  Sign in with the password {}:", app::DEMO_PASSWORD);
        for (email, who) in app::DEMO_PEOPLE {
            println!("  {email:<28} {who}");
        }
    }
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(Error::internal)?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(Error::internal)?,
    }
    running.stop().await;
    Ok(())
}

async fn doctor(config: &Config) -> Result<(), Error> {
    println!("configuration  ok");
    app::secret_key(&config.secret_key_file)?;
    println!("secret key     ok");
    app::model(config).map_err(Error::internal)?;
    println!(
        "model          {}",
        if config.model_url.is_some() { "configured" } else { "none: the knowledge base answers" }
    );
    let services = app::services(config, app::system_clock(), app::system_ids()).await?;
    println!("database       ok ({})", services.store.engine_name());
    services.blobs.check("doctor").await?;
    println!("files          ok");
    services.store.close().await;
    Ok(())
}

/// What the platform admin does. Each command is one act of a service.
async fn admin(services: &app::Services, command: Admin) -> Result<(), Error> {
    match command {
        Admin::CreateAgency { name, owner_name, owner_email, host } => {
            let (id, link) = app::create_agency(services, &name, &owner_name, &owner_email, host.as_deref()).await?;
            println!("{id}");
            println!("{link}");
        }
        Admin::ListAgencies => {
            for agency in app::agencies(services).await? {
                let state = if agency.suspended_at.is_some() { "suspended" } else { "active" };
                let (id, organizations, created, name) =
                    (agency.id, agency.organizations, agency.created_at, agency.name);
                println!("{id}  {state:<9}  {organizations:>6}  {created}  {name}");
            }
        }
        Admin::SuspendAgency { id, reason } => {
            app::suspend_agency(services, app::agency_id(&id)?, Some(&reason)).await?;
            println!("{id} is suspended.");
        }
        Admin::ResumeAgency { id } => {
            app::suspend_agency(services, app::agency_id(&id)?, None).await?;
            println!("{id} is back at work.");
        }
        Admin::HandOverAgency { id, email, name } => {
            println!("{}", app::hand_over_agency(services, app::agency_id(&id)?, &name, &email).await?);
        }
    }
    Ok(())
}
