package io.caskade.tidy;

/// A line that breaks a rule: what is wrong, and what to write instead.
record Finding(String path, int line, String problem, String advice) implements Comparable<Finding> {

    @Override
    public int compareTo(Finding other) {
        int byPath = path.compareTo(other.path);
        return byPath != 0 ? byPath : Integer.compare(line, other.line);
    }

    @Override
    public String toString() {
        return path + ":" + line + ": " + problem + "; " + advice;
    }
}
