// The suites need the public kit wherever they need what only this repository has. One import gives
// both, so no test has to know which of its helpers are public.
@_exported public import SessionCoreTesting
