package io.siltstone.testkit.simulation;

/** A rule of the log does not hold. */
final class Violation extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String rule;

    Violation(String rule, String what) {
        super(what);
        this.rule = rule;
    }

    String rule() {
        return rule;
    }
}
