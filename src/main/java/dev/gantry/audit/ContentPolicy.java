package dev.gantry.audit;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Payload;
import dev.gantry.inference.RequestBody;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Decides how much of a request's content its audit shows. */
public final class ContentPolicy {
    private static final String ALGORITHM = "HmacSHA256";

    private final AuditSettings.Content content;

    /** Keyed once; each use takes a copy, which saves the key schedule. Null: no key. */
    private final @Nullable Mac keyed;

    public ContentPolicy(AuditSettings settings) {
        this.content = settings.content();
        this.keyed = settings.hashKey().isEmpty() ? null : keyed(settings.hashKey().value());
    }

    /** As configured; content that must stay local is never shown in full. */
    public Disclosure disclose(InferenceRequest request, @Nullable Payload answer) {
        return switch (content) {
            case FULL ->
                    request.options().sensitivity().forcesLocal()
                            ? hashed(request, answer)
                            : new Disclosure.Full();
            case HASH -> hashed(request, answer);
            case NONE -> new Disclosure.Withheld();
        };
    }

    /** What is left of an audit that was too large to send. */
    public Disclosure condense(InferenceRequest request, @Nullable Payload answer) {
        return content == AuditSettings.Content.NONE
                ? new Disclosure.Withheld()
                : hashed(request, answer);
    }

    private Disclosure hashed(InferenceRequest request, @Nullable Payload answer) {
        if (keyed == null) {
            return new Disclosure.Withheld();
        }
        RequestBody body = request.body();
        String messages =
                body.member(request.operation().prompt())
                        .map(each -> hmac(keyed, body.bytes(), each.valueStart(), each.valueEnd()))
                        .orElse(null);
        return new Disclosure.Hashed(
                messages, answer == null ? null : hmac(keyed, answer.bytes(), 0, answer.size()));
    }

    private static String hmac(Mac keyed, byte[] bytes, int start, int end) {
        Mac mac = copy(keyed);
        mac.update(bytes, start, end - start);
        return HexFormat.of().formatHex(mac.doFinal());
    }

    private static Mac copy(Mac keyed) {
        try {
            return (Mac) keyed.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("this JDK's " + ALGORITHM + " cannot be copied", e);
        }
    }

    private static Mac keyed(String key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("this JDK lacks " + ALGORITHM, e);
        }
    }
}
