package dev.gantry.delivery;

import org.jspecify.annotations.Nullable;

/**
 * Why a record is no request.
 *
 * @param code for the header gantry-error-code
 * @param customId null where it could not be read: then there is nobody to answer
 */
public record Rejection(
        String code, String message, @Nullable String customId, @Nullable String batchId) {}
