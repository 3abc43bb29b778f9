package dev.gantry.observe;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.servlet.HandlerExecutionChain;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Takes one path's POST before the actuator does, which would refuse a method that its endpoint
 * lacks; everything else passes by.
 */
public final class PostMapping implements HandlerMapping, Ordered {
    private final String path;
    private final HttpRequestHandler handler;

    public PostMapping(String path, HttpRequestHandler handler) {
        this.path = path;
        this.handler = handler;
    }

    @Override
    public @Nullable HandlerExecutionChain getHandler(HttpServletRequest request) {
        String asked = request.getRequestURI().substring(request.getContextPath().length());
        boolean mine = request.getMethod().equals("POST") && asked.equals(path);
        return mine ? new HandlerExecutionChain(handler) : null;
    }

    /** The actuator's own mapping stands at -100. */
    @Override
    public int getOrder() {
        return -200;
    }
}
