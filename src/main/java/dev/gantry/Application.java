package dev.gantry;

import dev.gantry.launch.Commands;

/** Entry point: {@code java -jar gantry.jar [COMMAND] [--spring-or-gantry.property=…]}. */
public final class Application {
    private Application() {}

    public static void main(String[] args) {
        Commands.run(args);
    }
}
