/**
 * An OpenAI-compatible provider that misbehaves on request and keeps a ledger of what it would
 * bill.
 */
@NullMarked
package dev.gantry.simulator;

import org.jspecify.annotations.NullMarked;
