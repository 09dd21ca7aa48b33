//! The pages are built by `make build` and put into the binary; without them the server still compiles.

fn main() {
    std::fs::create_dir_all("dashboard/dist").expect("dashboard/dist can be made");
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=dashboard/dist");
}
