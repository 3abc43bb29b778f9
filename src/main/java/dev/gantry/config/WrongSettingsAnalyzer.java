package dev.gantry.config;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Makes Spring Boot print the mistakes instead of a stack trace. */
final class WrongSettingsAnalyzer extends AbstractFailureAnalyzer<WrongSettingsException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, WrongSettingsException cause) {
        return new FailureAnalysis(
                "Gantry's configuration is wrong. " + cause.getMessage(),
                "Correct the keys above; src/docs/configure.md lists every key.",
                cause);
    }
}
