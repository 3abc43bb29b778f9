@NullMarked
package dev.gantry.inference;

import org.jspecify.annotations.NullMarked;
