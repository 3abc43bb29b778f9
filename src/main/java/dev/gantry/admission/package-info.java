/**
 * Who may call which lane now: slots, each lane's share of them, slow start after a lane has
 * closed, and the queues of those who wait. All of it is this worker's own; the fleet's part is the
 * circuit.
 */
@NullMarked
package dev.gantry.admission;

import org.jspecify.annotations.NullMarked;
