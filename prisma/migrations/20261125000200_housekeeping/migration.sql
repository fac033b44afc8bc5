-- The worker clears away what nobody needs any more. It sees of these tables what it decides by, no tokens.

GRANT DELETE ON "Session", "Verification" TO "tsubo_worker";
GRANT SELECT ("id", "expiresAt") ON "Session", "Verification" TO "tsubo_worker";
