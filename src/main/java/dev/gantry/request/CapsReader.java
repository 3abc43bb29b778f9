package dev.gantry.request;

import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.OnExceed;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads {@code gantry.budget}, and that of a policy: a cap that cannot be understood is refused,
 * never taken as none.
 */
final class CapsReader {
    /** What a configuration takes as well. */
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,12}(\\.[0-9]{1,18})?");

    private static final String AMOUNT = "a plain decimal of 0 or more, such as \"0.25\"";

    private final JsonText json;

    CapsReader(JsonText json) {
        this.json = json;
    }

    /** The parser stands on the member's value. */
    Caps read(String path) {
        @Nullable BigDecimal[] usd = {null, null};
        OnExceed[] onExceed = {OnExceed.ABORT};
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "per_call_usd" -> usd[0] = usd(member);
                        case "session_usd" -> usd[1] = usd(member);
                        case "on_exceed" -> onExceed[0] = onExceed(member);
                        default ->
                                throw InvalidRequest.unknown(
                                        member, "per_call_usd, session_usd, on_exceed");
                    }
                });
        return Caps.of(usd[0], usd[1], onExceed[0]);
    }

    /** A number is read by its digits: money is no float. */
    private @Nullable BigDecimal usd(String member) {
        return switch (json.parser().currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                String written = json.parser().getString();
                if (!DECIMAL.matcher(written).matches()) {
                    throw InvalidRequest.wrongType(member, JsonText.shorten(written), AMOUNT);
                }
                yield new BigDecimal(written);
            }
            default -> throw json.wrong(member, AMOUNT);
        };
    }

    /** Absent and empty are abort; downgrade is another word for skip. */
    private OnExceed onExceed(String member) {
        String word = json.text(member, OptionsReader.MAX_TEXT);
        return switch (word == null ? "" : word.strip().toLowerCase(Locale.ROOT)) {
            case "", "abort" -> OnExceed.ABORT;
            case "skip", "downgrade" -> OnExceed.SKIP;
            case "warn" -> OnExceed.WARN;
            default ->
                    throw InvalidRequest.wrongType(
                            member,
                            JsonText.shorten(String.valueOf(word)),
                            "one of abort, skip, downgrade, warn");
        };
    }
}
