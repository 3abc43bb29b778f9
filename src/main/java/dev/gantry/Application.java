package dev.gantry;

/** Entry point: {@code java -jar gantry.jar [COMMAND]}. */
public final class Application {
    private Application() {}

    public static void main(String[] args) {
        System.err.println("gantry: " + String.join(" ", args));
    }
}
