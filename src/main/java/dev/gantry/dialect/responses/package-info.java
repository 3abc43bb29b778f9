/** The Responses API, spoken by way of chat where a lane does not know it. */
@NullMarked
package dev.gantry.dialect.responses;

import org.jspecify.annotations.NullMarked;
