package dev.credence.hub.chat;

/** What a template does that is not supported, or raises itself; the message names it. */
final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TemplateException(String message) {
        super(message);
    }
}
