/**
 * Calls that outlast the ownership of their partition: who works on them, and how the next owner
 * learns of their end.
 */
@NullMarked
package dev.gantry.handover;

import org.jspecify.annotations.NullMarked;
