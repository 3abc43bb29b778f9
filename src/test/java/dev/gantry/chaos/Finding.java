package dev.gantry.chaos;

import java.util.List;

/**
 * One broken promise.
 *
 * @param subject the request or the attempt
 * @param evidence all that is known of it
 */
record Finding(String promise, String subject, List<?> evidence) {
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("%s: %s".formatted(subject, promise));
        evidence.forEach(each -> text.append("\n      ").append(each));
        return text.toString();
    }
}
