/** An address of the API that nothing answers: programs are told so as programs, not led to the sign-in page. */
function handler(): Response {
  return Response.json({ error: 'NOT_FOUND' }, { status: 404, headers: { 'cache-control': 'no-store' } });
}

export { handler as DELETE, handler as GET, handler as PATCH, handler as POST, handler as PUT };
