@NullMarked
package dev.gantry.intake.membership;

import org.jspecify.annotations.NullMarked;
