/**
 * The nouns everyone shares: request, lane, attempt, outcome. Nothing here knows Kafka, HTTP or
 * Spring.
 */
@NullMarked
package dev.gantry.inference;

import org.jspecify.annotations.NullMarked;
