package dev.gantry.circuit;

import java.time.Instant;

/** A worker's right to probe a circuit; owner and beginning tell it from every other lease. */
record Lease(String owner, Instant from, Instant until) {}
