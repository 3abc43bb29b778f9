/** The schemas and the AsyncAPI document that ship in the jar. */
@NullMarked
package dev.gantry.schema;

import org.jspecify.annotations.NullMarked;
