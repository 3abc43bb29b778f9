package dev.gantry.intake;

import org.apache.kafka.common.config.ConfigException;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Why a Kafka client cannot be made, and whether it may be made later. */
public final class ClientTrouble {
    /** The client calls it a wrong setting when a name server does not know a broker yet. */
    private static final Pattern UNRESOLVED = Pattern.compile("No resolvable |Unknown host ");

    private ClientTrouble() {}

    /**
     * Whether waiting may help: names that do not resolve yet, files of keys that are not there
     * yet. Not for settings that the client refuses.
     */
    public static boolean passes(Throwable error) {
        for (Throwable cause : chain(error)) {
            boolean refused =
                    cause instanceof ConfigException
                            || cause instanceof IllegalArgumentException
                            || cause instanceof ReflectiveOperationException;
            if (refused && !UNRESOLVED.matcher(String.valueOf(cause.getMessage())).lookingAt()) {
                return false;
            }
        }
        return true;
    }

    /** One line for people: what the client says beneath "failed to construct". */
    public static String reason(Throwable error) {
        List<Throwable> chain = chain(error);
        Throwable root = chain.getLast();
        if (root instanceof ConfigException || chain.size() == 1) {
            return firstLine(root);
        }
        // The root alone may be no more than a file's name.
        String text = firstLine(chain.get(chain.size() - 2));
        String kind = root.getClass().getSimpleName();
        return text.contains(kind) ? text : "%s (%s: %s)".formatted(text, kind, firstLine(root));
    }

    private static List<Throwable> chain(Throwable error) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable each = error; each != null; each = each.getCause()) {
            chain.add(each);
        }
        return chain;
    }

    private static String firstLine(Throwable error) {
        String message = error.getMessage();
        return message == null
                ? error.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
