package dev.gantry.simulator;

import dev.gantry.simulator.quota.Grant;
import dev.gantry.simulator.script.AnswerShape;
import dev.gantry.simulator.script.Fault;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * What will happen to one call.
 *
 * @param number of the call under its rule, from 1
 * @param takes how long the provider works before it answers
 * @param fault null: a good answer
 * @param grant null: no rate limit applies
 * @param mark a random number of this call, for the ids in its answer
 */
record CallPlan(
        long number,
        Duration takes,
        @Nullable Fault fault,
        @Nullable Grant grant,
        AnswerShape shape,
        long mark) {}
