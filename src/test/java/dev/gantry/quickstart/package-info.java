/** The main job on this machine alone, for a first look: {@code mvn spring-boot:test-run}. */
@NullMarked
package dev.gantry.quickstart;

import org.jspecify.annotations.NullMarked;
