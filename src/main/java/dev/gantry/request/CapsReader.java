package dev.gantry.request;

import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.OnExceed;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Pattern;

/** Reads {@code gantry.budget}: a cap that cannot be understood is refused, never taken as none. */
final class CapsReader {
    /** Text, because money is no float; what a configuration takes as well. */
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,12}(\\.[0-9]{1,18})?");

    private final JsonText json;

    CapsReader(JsonText json) {
        this.json = json;
    }

    /** The parser stands on the member's value. */
    Caps read(String path) {
        if (!json.object(path)) {
            return Caps.NONE;
        }
        @Nullable BigDecimal[] usd = {null, null};
        OnExceed[] onExceed = {OnExceed.ABORT};
        json.members(
                path,
                (name, _) -> {
                    String member = JsonText.member(path, name);
                    switch (name) {
                        case "per_call_usd" -> usd[0] = usd(member);
                        case "session_usd" -> usd[1] = usd(member);
                        case "on_exceed" -> onExceed[0] = onExceed(member);
                        default ->
                                throw new InvalidRequest(
                                        member
                                                + ": unknown member; known are per_call_usd,"
                                                + " session_usd, on_exceed");
                    }
                });
        return Caps.of(usd[0], usd[1], onExceed[0]);
    }

    private @Nullable BigDecimal usd(String member) {
        String written = json.text(member);
        if (written == null) {
            return null;
        }
        if (!DECIMAL.matcher(written).matches()) {
            throw InvalidRequest.wrongType(
                    member,
                    JsonText.shorten(written),
                    "decimal text of 0 or more, such as \"0.05\"");
        }
        return new BigDecimal(written);
    }

    /** Absent and empty are abort; downgrade is another word for skip. */
    private OnExceed onExceed(String member) {
        String word = json.text(member, OptionsReader.MAX_TEXT);
        if (word == null || word.isBlank()) {
            return OnExceed.ABORT;
        }
        return switch (word.strip().toLowerCase(Locale.ROOT)) {
            case "abort" -> OnExceed.ABORT;
            case "skip", "downgrade" -> OnExceed.SKIP;
            case "warn" -> OnExceed.WARN;
            default ->
                    throw InvalidRequest.wrongType(
                            member, JsonText.shorten(word), "one of abort, skip, downgrade, warn");
        };
    }
}
