/** A size as people say it. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1023.5 * 1024) return `${Math.round(bytes / 1024)} kB`;
  const megabytes = bytes / 1024 / 1024;
  return `${megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes)} MB`;
}

/** Null when a file may be tried, or why not. The server looks at its bytes and decides. */
export function refusal(size: number, largestBytes: number): string | null {
  if (size === 0) return "This file is empty.";
  if (size > largestBytes)
    return `This file has ${sizeWords(size)}; at most ${sizeWords(largestBytes)} are taken.`;
  return null;
}
