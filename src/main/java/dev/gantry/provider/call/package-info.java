/** One call to one endpoint in any dialect: its key, its head lines, its secrets. */
@NullMarked
package dev.gantry.provider.call;

import org.jspecify.annotations.NullMarked;
