package dev.gantry.config;

import dev.gantry.provider.Endpoint.Auth;
import dev.gantry.secret.Secret;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether an instance's extra headers can be sent; their values are secrets. */
final class HeaderCheck {
    /** What the client itself writes: a second one would break the call or its accounting. */
    private static final Set<String> OURS =
            Set.of(
                    "host",
                    "connection",
                    "content-length",
                    "content-type",
                    "transfer-encoding",
                    "x-client-request-id",
                    "traceparent",
                    "tracestate");

    private HeaderCheck() {}

    static void check(
            String key, Map<String, Secret> headers, Optional<Auth> auth, Mistakes mistakes) {
        headers.forEach(
                (name, value) -> {
                    String at = key + "." + name;
                    mistakes.check(
                            AuthStyle.TOKEN.matcher(name).matches(),
                            at,
                            "***",
                            "an HTTP header name");
                    mistakes.check(
                            !OURS.contains(name.toLowerCase(Locale.ROOT)),
                            at,
                            "***",
                            "any header that Gantry does not set itself");
                    mistakes.check(
                            !name.equalsIgnoreCase(carrier(auth)),
                            at,
                            "***",
                            "any header but the one that auth sets; use auth: none to send your own");
                    mistakes.check(
                            value.value()
                                    .chars()
                                    .allMatch(
                                            each -> each == '\t' || (each >= ' ' && each != 0x7f)),
                            at,
                            "***",
                            "a value without line breaks");
                });
    }

    private static String carrier(Optional<Auth> auth) {
        return auth.map(
                        style ->
                                switch (style) {
                                    case Auth.Bearer _ -> "Authorization";
                                    case Auth.Header(var name) -> name;
                                    case Auth.None _ -> "";
                                })
                .orElse("");
    }
}
