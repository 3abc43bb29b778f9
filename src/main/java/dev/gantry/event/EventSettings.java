package dev.gantry.event;

import dev.gantry.audit.AuditSettings;

/**
 * How deliveries are made.
 *
 * @param maxResultSize bytes; a larger result ends as result_too_large
 */
public record EventSettings(
        Origin origin,
        TopicSettings topics,
        AuditSettings audit,
        Decisions decisions,
        long maxResultSize) {}
