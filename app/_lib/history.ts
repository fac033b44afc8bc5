/** How many of the last entries a server's overview shows; the page reads them ahead, so it must ask for the same. */
export const recentHistory = 5;
