@NullMarked
package dev.gantry.intake;

import org.jspecify.annotations.NullMarked;
