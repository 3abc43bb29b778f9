package dev.gantry;

import java.lang.reflect.InvocationTargetException;

/**
 * Entry point: {@code java -jar gantry.jar [COMMAND] [--spring-or-gantry.property=…]}. It alone is
 * compiled for older JVMs too (the pom's execution {@code entry}), to tell them which they need to
 * be; that is why it names nothing else of Gantry's.
 */
public final class Application {
    private static final int NEEDED = 25;
    private static final int USAGE = 2;

    private Application() {}

    public static void main(String[] args) throws Throwable {
        String mistake = mistake(Runtime.version().feature(), System.getProperty("java.home"));
        if (!mistake.isEmpty()) {
            System.err.println(mistake);
            System.exit(USAGE);
        }
        try {
            Class.forName("dev.gantry.launch.Commands")
                    .getMethod("run", String[].class)
                    .invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    /** Empty where the JVM will do. */
    static String mistake(int feature, String home) {
        return feature >= NEEDED
                ? ""
                : "gantry needs Java "
                        + NEEDED
                        + " or newer; this is Java "
                        + feature
                        + " ("
                        + home
                        + ")";
    }
}
