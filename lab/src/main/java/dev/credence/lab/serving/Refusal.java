package dev.credence.lab.serving;

/** A request that is not answered, with the status and the words that are sent. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    Refusal(int status, String message) {
        super(message);
        this.status = status;
    }

    static Refusal of(String field, Object value, String rule) {
        return new Refusal(400, field + " is " + value + "; " + rule);
    }

    int status() {
        return status;
    }
}
