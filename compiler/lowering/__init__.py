"""From the trees of principles to constraints over the levels of one space."""
