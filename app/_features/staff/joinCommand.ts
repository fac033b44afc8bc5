/** Prints the one-time token and the command for the new host. */
export const issueCommand = 'scripts/quickstart join-token';
