package dev.gantry.intake.membership;

import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidConfigurationException;

import java.io.IOException;
import java.security.KeyStoreException;
import java.security.NoSuchAlgorithmException;
import java.security.UnrecoverableEntryException;
import java.security.spec.InvalidKeySpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import javax.crypto.BadPaddingException;

/** Why a Kafka client cannot be made, and whether it may be made later. */
public final class ClientTrouble {
    /** The client calls it a wrong setting when a name server does not know a broker yet. */
    private static final Pattern UNRESOLVED = Pattern.compile("No resolvable |Unknown host ");

    private ClientTrouble() {}

    /**
     * Whether waiting may help: names that do not resolve yet, files of keys that are not there
     * yet. Not for settings that the client refuses, nor for passwords that open no file.
     */
    public static boolean passes(Throwable error) {
        List<Throwable> chain = chain(error);
        for (Throwable cause : chain) {
            boolean refused =
                    cause instanceof ConfigException
                            || cause instanceof IllegalArgumentException
                            || cause instanceof ReflectiveOperationException;
            if (refused && !UNRESOLVED.matcher(String.valueOf(cause.getMessage())).lookingAt()) {
                return false;
            }
            if (locked(cause)) {
                return false;
            }
        }
        // It also wraps what comes of reading a file that is not there.
        return chain.stream().noneMatch(InvalidConfigurationException.class::isInstance)
                || chain.stream().anyMatch(IOException.class::isInstance);
    }

    /** Wrong passwords, and kinds of files or keys that this Java does not know. */
    private static boolean locked(Throwable cause) {
        return cause instanceof UnrecoverableEntryException
                || cause instanceof KeyStoreException
                || cause instanceof NoSuchAlgorithmException
                || cause instanceof InvalidKeySpecException
                || cause instanceof BadPaddingException;
    }

    /** One line for people: what the client says beneath "failed to construct". */
    public static String reason(Throwable error) {
        List<Throwable> chain = chain(error);
        String text = text(chain);
        boolean unlocked = chain.stream().noneMatch(UnrecoverableEntryException.class::isInstance);
        return unlocked || text.contains("password") ? text : text + " (a wrong password)";
    }

    private static String text(List<Throwable> chain) {
        Throwable root = chain.getLast();
        if (root instanceof ConfigException || chain.size() == 1) {
            return firstLine(root);
        }
        for (int each = 0; each < chain.size() - 2; each++) {
            // Names the file, and what comes next says what is wrong with it.
            if (firstLine(chain.get(each)).startsWith("Failed to load ")) {
                return firstLine(chain.get(each)) + ": " + firstLine(chain.get(each + 1));
            }
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
