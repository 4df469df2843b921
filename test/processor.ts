/**
 * Milliseconds of the processor that this process has had. What must not take long is measured by
 * it: other programs on the machine change the clock's seconds, and hardly these.
 */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
