/**
 * A worker's work without the world: a broker, a database and a provider within the process, for
 * the JVM to learn from.
 */
@NullMarked
package dev.gantry.launch.training;

import org.jspecify.annotations.NullMarked;
