import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { type ApiError, sentence } from "../api/errors";
import { InboxIcon, LockIcon, WarnIcon } from "./icons";
import css from "./ui.module.css";

export function Empty(props: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly icon?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className={css.empty}>
      <span className={css.emptyIcon}>{props.icon ?? <InboxIcon size={22} />}</span>
      <h2 className={css.emptyTitle}>{props.title}</h2>
      {props.children ? <p className={css.emptyText}>{props.children}</p> : null}
      {props.action}
    </div>
  );
}

export function Failed({
  error,
  retry,
}: {
  readonly error: ApiError;
  readonly retry?: (() => void) | undefined;
}) {
  if (error.code === "FORBIDDEN") {
    return (
      <Empty title="You have no access to this" icon={<LockIcon size={22} />}>
        {error.message} Whoever manages your team can give it to you.
      </Empty>
    );
  }
  if (error.code === "NOT_FOUND") {
    return (
      <Empty title="This does not exist" icon={<WarnIcon size={22} />}>
        It may have been removed, or it belongs to an organization that you are not a member of.
      </Empty>
    );
  }
  return (
    <Empty
      title="This could not be loaded"
      icon={<WarnIcon size={22} />}
      action={
        retry ? (
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        ) : undefined
      }
    >
      {sentence(error)}
    </Empty>
  );
}

export function RowSkeletons({ count = 6 }: { readonly count?: number }) {
  return (
    <div aria-busy="true" role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: places without identity
        <div key={index} className={css.skeletonRow}>
          <Skeleton height={12} width={`${45 + ((index * 17) % 30)}%`} />
          <Skeleton height={10} mt={8} width={`${65 + ((index * 11) % 30)}%`} />
        </div>
      ))}
    </div>
  );
}
