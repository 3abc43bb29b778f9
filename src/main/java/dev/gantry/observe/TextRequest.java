package dev.gantry.observe;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A request that does not ask for protobuf: scrapers may prefer it, the jar does not hold its
 * writer, and Spring Boot would fail instead of taking the scraper's next choice.
 */
class TextRequest extends HttpServletRequestWrapper {
    private static final String ACCEPT = "Accept";

    TextRequest(HttpServletRequest request) {
        super(request);
    }

    @Override
    public @Nullable String getHeader(String name) {
        if (!name.equalsIgnoreCase(ACCEPT)) {
            return super.getHeader(name);
        }
        List<String> accepted = accepted();
        return accepted.isEmpty() ? null : accepted.getFirst();
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return name.equalsIgnoreCase(ACCEPT)
                ? Collections.enumeration(accepted())
                : super.getHeaders(name);
    }

    /** Empty where nothing else was asked for: then what is usual is sent. */
    private List<String> accepted() {
        return Collections.list(super.getHeaders(ACCEPT)).stream()
                .map(TextRequest::withoutProtobuf)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    private static String withoutProtobuf(String header) {
        return Arrays.stream(header.split(",", -1))
                .filter(each -> !each.toLowerCase(Locale.ROOT).contains("protobuf"))
                .collect(Collectors.joining(","));
    }
}
