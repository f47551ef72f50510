/** What `sample` draws where no option at all is given: a batch that shows every class of the bundled digits. */
export const demoOptions = ['--batch', '16', '--class-label', '0,1,2,3,4,5,6,7,8,9', '--guidance', '2'] as const
