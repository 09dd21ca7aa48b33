export const CHALLENGE = "query Challenge { challenge { token bits } }";

export const SOLVE_CHALLENGE =
  "mutation Solve($token: String!, $answer: String!) { solveChallenge(token: $token, answer: $answer) }";
