/**
 * The rows of a QR code as one path for an SVG: each run of dark squares is one rectangle, so a code of 45 by 45 makes
 * a few hundred of them and not two thousand.
 */
export function qrPath(rows: readonly string[]): string {
  let path = "";
  rows.forEach((row, y) => {
    for (const run of row.matchAll(/1+/g)) {
      path += `M${run.index} ${y}h${run[0].length}v1h-${run[0].length}z`;
    }
  });
  return path;
}
