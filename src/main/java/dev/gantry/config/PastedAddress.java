package dev.gantry.config;

import dev.gantry.inference.Dialect;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Addresses that stand in providers' examples and are no base URLs, as far as they can be told: a
 * call there would only be answered with 404, and never by the model.
 *
 * @param dialect of the calls; null: any
 * @param form of host, port, path and query
 * @param wanted what would be right
 */
record PastedAddress(@Nullable Dialect dialect, Pattern form, String wanted) {
    private static final List<PastedAddress> KNOWN =
            List.of(
                    any(
                            ".*/(chat/completions|completions|responses|embeddings|moderations"
                                    + "|messages|models/[^/?]+:\\w+)/*(\\?.*)?",
                            "without the path of a call, which is added: https://api.openai.com/v1"),
                    any("[^?]*[^:/?]//+[^/?].*", "with single slashes: https://api.openai.com/v1"),
                    any(
                            "api\\.(openai|anthropic)\\.com/*|api\\.mistral\\.ai/*",
                            "with the API's version: https://api.openai.com/v1"),
                    any(".*:(11434|1234)/*", "with the API's version: http://localhost:11434/v1"),
                    any("api\\.groq\\.com(/v1)?/*", "https://api.groq.com/openai/v1"),
                    any("openrouter\\.ai(/v1)?/*", "https://openrouter.ai/api/v1"),
                    of(
                            Dialect.ANTHROPIC,
                            "(?!.*/v\\d\\w*/*(\\?.*)?$).*",
                            "with the API's version, which Anthropic's own clients add:"
                                    + " https://api.anthropic.com/v1"),
                    of(
                            Dialect.OPENAI,
                            "generativelanguage\\.googleapis\\.com(?!.*/openai/*$).*",
                            "https://generativelanguage.googleapis.com/v1beta/openai,"
                                    + " or dialect gemini"),
                    of(
                            Dialect.GEMINI,
                            "generativelanguage\\.googleapis\\.com(/*|.*/openai/*)",
                            "https://generativelanguage.googleapis.com/v1beta"),
                    of(
                            Dialect.OPENAI,
                            "[\\w.-]*aiplatform\\.googleapis\\.com(?!.*/endpoints/).*",
                            "https://aiplatform.googleapis.com/v1/projects/<project>"
                                    + "/locations/<location>/endpoints/openapi"),
                    of(
                            Dialect.OPENAI,
                            "[\\w-]+\\.openai\\.azure\\.com(/openai|/v1)?/*",
                            "https://<resource>.openai.azure.com/openai/v1"),
                    any(
                            "[\\w-]+\\.openai\\.azure\\.com.*/deployments/(?!.*[?&]api-version=).*",
                            "https://<resource>.openai.azure.com/openai/v1, or that of a deployment"
                                    + " with ?api-version=<version>"));

    private static PastedAddress any(String form, String wanted) {
        return new PastedAddress(null, Pattern.compile(form), wanted);
    }

    private static PastedAddress of(Dialect dialect, String form, String wanted) {
        return new PastedAddress(dialect, Pattern.compile(form), wanted);
    }

    /** What is to stand there instead; null where nothing is known against it. */
    static @Nullable String corrected(URI base, Dialect dialect) {
        String address =
                Objects.requireNonNullElse(base.getRawAuthority(), "").toLowerCase(Locale.ROOT)
                        + Objects.requireNonNullElse(base.getRawPath(), "")
                        + (base.getRawQuery() == null ? "" : "?" + base.getRawQuery());
        return KNOWN.stream()
                .filter(each -> each.dialect == null || each.dialect == dialect)
                .filter(each -> each.form.matcher(address).matches())
                .map(PastedAddress::wanted)
                .findFirst()
                .orElse(null);
    }
}
