package dev.credence.app.serve;

/** A request that is not answered as it was asked, with the status that says so. */
final class WebRefusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    WebRefusal(int status, String message) {
        super(message);
        this.status = status;
    }

    static WebRefusal absent(String what) {
        return new WebRefusal(404, "there is no " + what);
    }

    int status() {
        return status;
    }
}
