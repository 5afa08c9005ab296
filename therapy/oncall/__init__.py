"""Who is on call, and how an alert reaches them: rota, chain of steps with timers, channels, drill."""
