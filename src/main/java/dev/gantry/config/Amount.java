package dev.gantry.config;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Money in a configuration: decimal text. */
public final class Amount {
    /**
     * YAML reads 0.00000005 as a double and hands it on as 5.0E-8, which is exact again as a
     * decimal.
     */
    private static final Pattern DECIMAL =
            Pattern.compile("[0-9]{1,12}(\\.[0-9]{1,18})?|[0-9]\\.[0-9]{1,16}E-?[0-9]{1,2}");

    private Amount() {}

    static void check(String key, @Nullable String amount, Mistakes mistakes) {
        if (amount != null && !DECIMAL.matcher(amount).matches()) {
            mistakes.add(key, amount, "a plain decimal of 0 or more, such as 0.25");
        }
    }

    /** Of checked text. */
    public static @Nullable BigDecimal of(@Nullable String amount) {
        return amount == null ? null : new BigDecimal(new BigDecimal(amount).toPlainString());
    }
}
